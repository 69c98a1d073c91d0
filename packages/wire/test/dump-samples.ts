// What the tests of dumps share: vectors of the wire spec, and short forms of what a dump says.
import { createHash } from 'node:crypto'
import { fromHex } from '@hearsay/encoding'
import type { Dump, DumpEntry } from '../src/dump/index.ts'

export const K16 = fromHex('000102030405060708090a0b0c0d0e0f')
export const K32 = fromHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')
export const nonce = fromHex('a0a1a2a3a4a5a6a7a8a9aaab')

// Wire spec, Appendix B.
export const fullStackHex =
  'f40470726f6401a0a1a2a3a4a5a6a7a8a9aaaba6418643fd80b1aecb14d26f46b1f21535342385831831aff59351da400bc7adbbe0033f26efec6d7b867700624339a260d0eddad50c0ded26ac1a6bf6631c54d65e7b464293b7a7490b2b12e5b8062795be5f8dd32dfac23b5b2839bb792c14ce3b5f58b877f3ded6a961561d70bfe293cc9d580d3df4e1be64da601f3b1df8c1f695846c16b6e727ad84e16435d92157fcbe1bd513610a07c6fbe300562fbec5f36b19321b4720b3b0d2196abe93da56'
export const pushPullStreamHex =
  'f40470726f640a000000c301a0a1a2a3a4a5a6a7a8a9aaaba3049cfa12ee5c0a293ac0669c1227605ee201ad675a2798e65a48e2012b43b49b0feffd26c98b67e2ee960e9ff2ea767c751e08fb1107aec8378ecae433210cc2173fce5c6e427ea1000fe6ca1b5201ddcb48883278d9cf098da079a0b217797271034c61a9fc7a3061f62ccc025dfbb19a56c42a8975a7b74f9dab98aeb979116fefcf7d0b362eef7e54520510d443f3473358ae0b1022bfc75f9851fd88fc6020098d9043e16b24b26593088dc06290094126b66d'
export const ackReplyHex =
  '0a0000002f01a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc43f9023833ad556df479c60b420cc9716'
export const paddedAckHex =
  '00a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc42d068d1933a12b1e7f954c8381a6dab2498476481a22519d932002ddf380'

/** Entries as `offset name value`, with the layer in front where there is one. */
export const lines = ({ entries }: Dump): string[] =>
  entries.map(({ layer, offset, name, value }) => `${layer ? `${layer} ` : ''}${offset} ${name} ${value}`.trimEnd())
export const reasons = ({ problems }: Dump): string[] => problems.map(({ reason, offset }) => `${reason} at ${offset}`)
export const named = ({ entries }: Dump, name: string): DumpEntry[] => entries.filter((entry) => entry.name === name)
export const values = (dump: Dump, name: string): string[] => named(dump, name).map(({ value }) => value)
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16)
