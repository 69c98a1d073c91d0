/**
 * A service with one leader: whoever is alive and has the lowest name hands out tickets, and the others ask it. The last
 * number is told to everybody, so that a new leader goes on where the old one was.
 */
import { Memberlist } from '@hearsay/membership'

/** How long an answer may take before the question is asked again, perhaps of another. */
const PATIENCE_MS = 1000

export class TicketOffice {
  /** Who led, as seen from here, and since when. */
  history = []
  #list
  #clock
  #last = 0
  #asked = 0
  #waiting = new Map()

  /** `transport` and `system` are left out in production: UDP and TCP, and the clock of this process. */
  constructor({ name, transport, system }) {
    this.#clock = system
    this.#list = new Memberlist({ name, transport, system })
    this.#list.on('member', () => this.#look())
    this.#list.on('message', ({ payload }) => this.#hear(JSON.parse(new TextDecoder().decode(payload))))
  }

  get name() {
    return this.#list.name
  }

  get address() {
    return this.#list.address
  }

  /** The living member with the lowest name. Members under suspicion still count: they may well be there. */
  get leader() {
    const living = this.#list.members().filter(({ status }) => status === 'alive' || status === 'suspect')
    return living.map(({ name }) => name).sort()[0]
  }

  async open(seeds = []) {
    await this.#list.start()
    if (seeds.length > 0) await this.#list.join(seeds)
    this.#look()
  }

  /** Stops without a word, as a crash does. */
  crash() {
    for (const { disarm } of this.#waiting.values()) disarm()
    return this.#list.close()
  }

  /** A number that nobody else gets. */
  ticket() {
    if (this.leader === this.name) return Promise.resolve(this.#next())
    const id = `${this.name}/${++this.#asked}`
    return new Promise((resolve) => this.#ask(id, resolve))
  }

  #ask(id, resolve) {
    if (this.leader === this.name) return this.#answered(id, this.#next(), resolve)
    const disarm = this.#clock.arm(PATIENCE_MS, () => this.#ask(id, resolve))
    this.#waiting.set(id, { resolve, disarm })
    this.#send(this.leader, { ask: id, from: this.name })
  }

  #hear({ ask, from, id, number, last }) {
    if (last !== undefined) this.#last = Math.max(this.#last, last)
    // Whoever asked us takes us for the leader. If we do not, it asks again: nobody else hands out tickets.
    if (ask !== undefined && this.leader === this.name) this.#send(from, { id: ask, number: this.#next() })
    if (id !== undefined && this.#waiting.has(id)) {
      const { resolve, disarm } = this.#waiting.get(id)
      disarm()
      this.#answered(id, number, resolve)
    }
  }

  #answered(id, number, resolve) {
    this.#waiting.delete(id)
    resolve(number)
  }

  /** Told to everybody before it is given away. */
  #next() {
    this.#last++
    for (const { name, status, isSelf } of this.#list.members())
      if (!isSelf && (status === 'alive' || status === 'suspect')) this.#send(name, { last: this.#last })
    return this.#last
  }

  #send(name, message) {
    this.#list.send(name, new TextEncoder().encode(JSON.stringify(message))).catch(() => {
      // It is gone, or does not answer: failure detection will say so.
    })
  }

  #look() {
    const { leader } = this
    if (leader !== undefined && this.history.at(-1)?.leader !== leader)
      this.history.push({ leader, atMs: this.#clock.now() })
  }
}
