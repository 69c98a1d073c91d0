/** Streams between simulated members: one request, at most one reply, as the driver of production speaks them. */
import type { Effect, ExchangeId } from '@hearsay/membership'
import type { StreamMessage } from '@hearsay/wire'
import type { Carrier } from './carrier.ts'
import type { Life } from './life.ts'
import { Blockade } from './links.ts'
import type { Network } from './network.ts'
import type { SimNode } from './node.ts'
import type { Observers, StreamFate } from './observer.ts'
import type { Port } from './ports.ts'
import type { World } from './world.ts'

type Open = Extract<Effect, { readonly kind: 'open-stream' }>

/** First pause before something that did not get through is sent again; then twice as long each time, as TCP does. */
const DIAL_RETRY_MS = 1000
const DATA_RETRY_MS = 200
/** Where the system takes ports for outgoing connections from. */
const FIRST_EPHEMERAL_PORT = 32_768
const EPHEMERAL_PORTS = 28_232

/** What streams are made on. */
export interface StreamGround {
  readonly world: World
  readonly network: Network
  readonly observers: Observers
  readonly carrier: Carrier
  /** How long an acceptor waits for the request. */
  readonly streamTimeoutMs: number
}

/** The streams that a life opened or accepted, by exchange. */
export class Streams {
  readonly #ground: StreamGround
  readonly #life: Life
  readonly #outgoing = new Map<ExchangeId, Exchange>()
  readonly #incoming = new Map<ExchangeId, Exchange>()
  #lastIncoming = 0

  constructor(ground: StreamGround, life: Life) {
    this.#ground = ground
    this.#life = life
  }

  open(effect: Open): void {
    const exchange = new Exchange(this.#ground, this.#life, effect, () => this.#outgoing.delete(effect.exchange))
    this.#outgoing.set(effect.exchange, exchange)
    exchange.dial()
  }

  /** Answers a request, or closes without an answer. */
  close(id: ExchangeId, reply: StreamMessage | undefined): void {
    const exchange = this.#incoming.get(id)
    this.#incoming.delete(id)
    exchange?.answer(reply)
  }

  abandon(id: ExchangeId): void {
    this.#outgoing.get(id)?.abandon()
  }

  /** A request was read; gives the number it goes by here. */
  accept(exchange: Exchange): ExchangeId {
    const id = --this.#lastIncoming
    this.#incoming.set(id, exchange)
    return id
  }

  /** The process is gone: its system closes what was open. */
  stop(): void {
    for (const exchange of [...this.#outgoing.values()]) exchange.abandon()
    for (const exchange of this.#incoming.values()) exchange.reset()
    this.#incoming.clear()
  }
}

/** One stream, seen from above. */
export class Exchange {
  readonly #ground: StreamGround
  readonly #initiator: Life
  readonly #effect: Open
  readonly #to: Port
  readonly #onOver: () => void
  readonly #told = new Set<StreamFate>()
  #acceptor: Life | undefined
  #acceptedAt = 0
  #disarm: () => void = () => {}
  #over = false

  constructor(ground: StreamGround, initiator: Life, effect: Open, onOver: () => void) {
    this.#ground = ground
    this.#initiator = initiator
    this.#effect = effect
    this.#to = ground.network.port(effect.to)
    this.#onOver = onOver
  }

  dial(): void {
    const { timeoutMs, to } = this.#effect
    this.#arm(() => this.#fail(false, `${to} did not answer within ${timeoutMs} ms.`))
    this.#there(DIAL_RETRY_MS, () => this.#knock())
  }

  /** The reply leaves; `undefined`: the acceptor closes the stream without one. */
  answer(reply: StreamMessage | undefined): void {
    const read = reply && this.#ground.carrier.stream(reply, 'initiator')
    this.#back(DATA_RETRY_MS, () => this.#initiator.deliver(() => this.#replied(read?.())))
  }

  /** The acceptor's system closed it. */
  reset(): void {
    this.#back(DATA_RETRY_MS, () =>
      this.#initiator.deliver(() => this.#fail(true, `${this.#effect.to} closed the stream: it was reset`)),
    )
  }

  /** The initiator does not want to hear of it any more. */
  abandon(): void {
    this.#end()
  }

  /** The first packet arrives at whoever listens there. */
  #knock(): void {
    const acceptor = this.#to.life
    const refused =
      acceptor === undefined || this.#ground.network.isBlocked(this.#initiator.node, acceptor.node, Blockade.refuse)
    if (refused) {
      const reason = `${this.#effect.to} refused the connection`
      return this.#back(DIAL_RETRY_MS, () => this.#initiator.deliver(() => this.#fail(false, reason, 'refused')))
    }
    // The system accepts for a process that does not run, too.
    this.#acceptor = acceptor
    this.#acceptedAt = this.#ground.world.now
    this.#back(DIAL_RETRY_MS, () => this.#initiator.deliver(() => this.#connected()))
  }

  #connected(): void {
    if (this.#over) return
    const { timeoutMs, to, message } = this.#effect
    this.#tell('opened')
    this.#disarm()
    this.#arm(() => this.#fail(true, `${to} did not answer within ${timeoutMs} ms`))
    const read = this.#ground.carrier.stream(message, 'acceptor')
    this.#there(DATA_RETRY_MS, () => {
      const acceptor = this.#acceptor!
      acceptor.deliver(
        () => this.#requested(acceptor, read),
        () => this.reset(),
      )
    })
  }

  #requested(acceptor: Life, read: () => StreamMessage): void {
    const { world, streamTimeoutMs } = this.#ground
    if (world.now - this.#acceptedAt > streamTimeoutMs) return this.reset()
    const from = `${hostOf(this.#initiator.port.endpoint)}:${FIRST_EPHEMERAL_PORT + (this.#effect.exchange % EPHEMERAL_PORTS)}`
    acceptor.turn.input({ kind: 'stream-request', exchange: acceptor.streams.accept(this), from, message: read() })
  }

  #replied(message: StreamMessage | undefined): void {
    if (this.#over) return
    const { exchange, expectReply, to } = this.#effect
    if (expectReply && message === undefined)
      return this.#fail(true, `${to} closed the stream without an answer; it may use another cluster label or version`)
    this.#end()
    this.#tell('answered')
    const { turn } = this.#initiator
    if (expectReply) turn.input({ kind: 'stream-reply', exchange, message: message! })
    else turn.input({ kind: 'stream-done', exchange })
  }

  #fail(contacted: boolean, reason: string, fate: StreamFate = 'failed'): void {
    if (this.#over) return
    this.#end()
    this.#tell(fate)
    this.#initiator.turn.input({ kind: 'stream-failed', exchange: this.#effect.exchange, contacted, reason })
  }

  #end(): void {
    this.#over = true
    this.#disarm()
    this.#onOver()
  }

  #there(retryMs: number, arrived: () => void): void {
    this.#carry(this.#initiator.node, () => (this.#acceptor ?? this.#to.life)?.node, retryMs, arrived)
  }

  #back(retryMs: number, arrived: () => void): void {
    const from = (this.#acceptor ?? this.#to.life)?.node
    // Where nobody is, the machine that is there answers for itself.
    if (from === undefined) this.#ground.world.post(this.#delayMs(this.#initiator.node, undefined), arrived)
    else this.#carry(from, () => this.#initiator.node, retryMs, arrived)
  }

  /** One piece, sent again until it gets through or nobody waits for it any more. */
  #carry(from: SimNode, to: () => SimNode | undefined, firstRetryMs: number, arrived: () => void): void {
    let retryMs = firstRetryMs
    const attempt = (): void => this.#ground.world.post(this.#delayMs(from, to()), land)
    const land = (): void => {
      const obstacle = this.#obstacle(from, to(), firstRetryMs === DATA_RETRY_MS)
      if (obstacle === undefined) return arrived()
      this.#tell(obstacle)
      if (this.#over) return
      this.#ground.world.post(retryMs, () => !this.#over && attempt())
      retryMs *= 2
    }
    attempt()
  }

  #obstacle(from: SimNode, to: SimNode | undefined, isData: boolean): 'cut' | 'stalled' | undefined {
    if (to === undefined) return undefined
    const { network } = this.#ground
    if (network.isCut(from, to)) return 'cut'
    return isData && network.isBlocked(from, to, Blockade.stall) ? 'stalled' : undefined
  }

  #delayMs(from: SimNode, to: SimNode | undefined): number {
    return this.#ground.network.streamDelayMs(from, to)
  }

  #arm(expired: () => void): void {
    this.#disarm = this.#initiator.after(this.#effect.timeoutMs, expired)
  }

  /** Each fate once. */
  #tell(fate: StreamFate): void {
    if (this.#told.has(fate)) return
    this.#told.add(fate)
    const { counts } = this.#ground.network
    counts[countOf[fate]]++
    this.#ground.observers.stream(this.#initiator.node, this.#to.life?.node, fate, this.#ground.world.now)
  }
}

const countOf = {
  opened: 'streamsOpened',
  answered: 'streamsAnswered',
  refused: 'streamsRefused',
  failed: 'streamsFailed',
  cut: 'streamsCut',
  stalled: 'streamsStalled',
} as const

const hostOf = (endpoint: string): string => endpoint.slice(0, endpoint.lastIndexOf(':'))
