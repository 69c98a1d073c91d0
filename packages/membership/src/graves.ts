/** Those who were found dead, in order of burial: contacts that outlive their records (DIV-36). */
import { PagedMap } from './paged-map.ts'
import { NOBODY, type PeerIndex, type PeerTable } from './peer-table.ts'

/** Whom to look for, and where. */
export interface Contact {
  readonly name: string
  readonly endpoint: string
}

interface Grave {
  sinceMs: number
  /** {@link NOBODY} once the record is gone; then the contact is known by itself. */
  peer: PeerIndex
  contact: Contact | undefined
  later: Grave | undefined
  earlier: Grave | undefined
}

/** At most one for each name. As long as there is a record, name and address are read there. */
export class Graves {
  readonly #table: PeerTable
  readonly #byPeer = new PagedMap<Grave>()
  /** Those without a record. */
  readonly #byName = new Map<string, Grave>()
  #first: Grave | undefined
  #last: Grave | undefined

  constructor(table: PeerTable) {
    this.#table = table
  }

  get size(): number {
    return this.#byPeer.size + this.#byName.size
  }

  /** The last one now, wherever it was before. The record keeps its endpoint until it is alive again or gone. */
  bury(peer: PeerIndex, now: number): void {
    this.#exhumeStranger(peer)
    const there = this.#byPeer.get(peer)
    if (there) {
      this.#unlink(there)
      there.sinceMs = now
      return this.#append(there)
    }
    const grave: Grave = { sinceMs: now, peer, contact: undefined, later: undefined, earlier: undefined }
    this.#byPeer.set(peer, grave)
    this.#append(grave)
  }

  /** Does nothing for one who is not there. */
  exhume(peer: PeerIndex): void {
    const grave = this.#byPeer.take(peer)
    if (grave) this.#unlink(grave)
    this.#exhumeStranger(peer)
  }

  /** The same for one who may have no record. */
  exhumeNamed(name: string): void {
    const peer = this.#table.find(name)
    if (peer !== NOBODY) return this.exhume(peer)
    const grave = this.#byName.get(name)
    if (grave) this.#remove(grave)
  }

  /** Its record is about to be removed. */
  unrecord(peer: PeerIndex): void {
    const grave = this.#byPeer.take(peer)
    if (!grave) return
    grave.contact = this.#contactOf(peer)
    grave.peer = NOBODY
    this.#byName.set(grave.contact.name, grave)
  }

  /** Those who are buried for longer are forgotten. */
  forgetOlder(ageMs: number, now: number): void {
    while (this.#first && now - this.#first.sinceMs > ageMs) this.#remove(this.#first)
  }

  /** Of more than so many the first are forgotten. */
  limit(count: number): void {
    while (this.#first && this.size > count) this.#remove(this.#first)
  }

  /** In order of burial. */
  contact(at: number): Contact | undefined {
    let grave = this.#first
    for (let left = at; grave && left > 0; left--) grave = grave.later
    return grave && (grave.contact ?? this.#contactOf(grave.peer))
  }

  clear(): void {
    this.#byPeer.clear()
    this.#byName.clear()
    this.#first = this.#last = undefined
  }

  #contactOf(peer: PeerIndex): Contact {
    return { name: this.#table.name(peer), endpoint: this.#table.endpoint(peer) }
  }

  /** One of the same name may have been buried before there was this record. */
  #exhumeStranger(peer: PeerIndex): void {
    if (this.#byName.size === 0) return
    const stranger = this.#byName.get(this.#table.name(peer))
    if (stranger) this.#remove(stranger)
  }

  #append(grave: Grave): void {
    grave.later = undefined
    grave.earlier = this.#last
    if (this.#last) this.#last.later = grave
    else this.#first = grave
    this.#last = grave
  }

  #remove(grave: Grave): void {
    if (grave.contact) this.#byName.delete(grave.contact.name)
    else this.#byPeer.take(grave.peer)
    this.#unlink(grave)
  }

  #unlink({ earlier, later }: Grave): void {
    if (earlier) earlier.later = later
    else this.#first = later
    if (later) later.earlier = earlier
    else this.#last = earlier
  }
}
