/** Bounds of the machine, each with a name. */

/** Longest name of a member, in bytes (DIV-44). */
export const MAX_NAME_BYTES = 255
/** Longest metadata, in bytes (wire spec 6.4). */
export const MAX_META_BYTES = 512
/** Smallest packet a transport may offer, in bytes: a member's own announcement has to fit. */
export const MIN_PACKET_BUDGET_BYTES = 512
/** Longest payload of an own ack, in bytes; also at most half a packet. */
export const MAX_PING_PAYLOAD_BYTES = 512
/** Notifications that wait for listeners and hooks; beyond, the oldest is delivered at once. */
export const MAX_WAITING_NOTICES = 4096
/** Bytes of the messages among them. */
export const MAX_WAITING_NOTICE_BYTES = 64 * 1024 * 1024
/** Seeds remembered for rejoining; the one that was named longest ago gives way. */
export const MAX_REMEMBERED_SEEDS = 256
/** Addresses that all of them together may stand for. */
export const MAX_SEED_ADDRESSES = 256
/** Members known at once; claims about further names are ignored. */
export const MAX_MEMBERS = 65_536
/** Indirect pings relayed at once (DIV-22). */
export const MAX_RELAYS = 256
/** Push/pulls served at once (wire spec 3.5). Kept by the driver. */
export const MAX_INBOUND_PUSH_PULLS = 127
/** What all unfinished requests on streams may take together, in bytes of memory. */
export const MAX_UNFINISHED_REQUEST_BYTES = 256 * 1024 * 1024
/** Addresses contacted at once by one join (DIV-34). */
export const JOIN_CONCURRENCY = 8
/** Addresses contacted by one join before the names are looked up again (kv spec 4.6). */
export const MAX_JOIN_BATCH = 100
/** Items queued in a class other than control. */
export const MAX_QUEUED_ITEMS = 16_384
/** Bytes queued in a class other than control. */
export const MAX_QUEUED_BYTES = 32 * 1024 * 1024
/** Accusations at or above this are ignored (DIV-12). */
export const ACCUSATION_CEILING = 2 ** 32 - 2 ** 16
/** Highest incarnation that is accepted or announced (DIV-12). */
export const MAX_INCARNATION = 2 ** 32 - 2
