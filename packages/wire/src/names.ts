/** Names of members, as they are on the wire. */
import { textSize } from '@hearsay/encoding'

/** Bytes of a name that is sent. One that came keeps its size, also where its bytes were no UTF-8. */
export const nameSize = (name: string): number => textSize(name)
