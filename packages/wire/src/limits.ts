/** Bounds on what comes from outside, each with a name (wire spec, Appendix E). */

/** Parts of one compound. */
export const MAX_COMPOUND_PARTS = 255
/** Messages and refusals of one packet: a datagram full of the smallest messages has half of that. */
export const MAX_PACKET_MESSAGES = 32_768
/** Size of one part: its length has 16 bits. */
export const MAX_PART_BYTES = 65_535
/** Wrappers inside wrappers (DIV-31). */
export const MAX_WRAPPER_DEPTH = 8
/** Containers inside containers of a MessagePack value, the message's own map included. */
export const MAX_MSGPACK_DEPTH = 1023
/** Elements of a byte field in array form. No peer writes it so, and unlike any other form it is read element by element. */
export const MAX_ARRAY_FORM_BYTES = 4096
/** Cluster label. */
export const MAX_LABEL_BYTES = 255
/** What the compressed parts of one packet, or one stream message, may expand to. */
export const MAX_DECOMPRESSED_BYTES = 41_943_040
/** Compressed data on a stream: more cannot expand to anything allowed (wire spec 3.4). */
export const MAX_COMPRESSED_BYTES = 63 * 1024 * 1024
/** The application's part of a push/pull. */
export const MAX_USER_STATE_BYTES = 64 * 1024 * 1024
/** Entries of a push/pull. */
export const MAX_NODE_STATES = 1_048_576
/** One entry of a push/pull. */
export const MAX_NODE_STATE_BYTES = 1_048_576
/** A user message on a stream. */
export const MAX_STREAM_USER_BYTES = 20_971_520
/** A ping, an ack, an error, or a header on a stream. */
export const MAX_SMALL_MESSAGE_BYTES = 1_048_576
/** Everything that one stream may have sent before it is given up. */
export const MAX_STREAM_BYTES = 192 * 1024 * 1024
/** The encrypted body of one stream message (wire spec 3.3). */
export const MAX_FRAME_BYTES = 20_971_520
/** Keys of one keyring: each of them is tried on what comes in. */
export const MAX_KEYS = 64
