/** What a peer did about one input, as far as anybody can see. */

/** Two of them are the same when all their texts are. */
export interface Verdict {
  /** Datagrams back, message by message, but for broadcasts. Sorted. */
  readonly replies: readonly string[]
  /** Claims that it passes on, each once. Sorted. */
  readonly spread: readonly string[]
  /** What its application was told: messages, states, joins, leaves, updates, conflicts. Sorted. */
  readonly told: readonly string[]
  /** Records that changed: before and after. Sorted. */
  readonly members: readonly string[]
  /** Streams only: the reply, if any, and how it ended. */
  readonly stream?: readonly string[]
  /** Whatever else a scripted input finds out. */
  readonly outcome?: readonly string[]
}

/** Whether nobody could tell the two peers apart by them. */
export const sameVerdict = (a: Verdict, b: Verdict): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether nothing at all happened. */
export const isQuiet = ({ replies, spread, told, members }: Verdict): boolean =>
  replies.length + spread.length + told.length + members.length === 0

/** In one line; `drop` when nothing happened. */
export function describeVerdict(verdict: Verdict): string {
  const { replies, spread, told, members, stream = [], outcome = [] } = verdict
  const parts = [
    ...outcome,
    ...stream,
    ...replies.map((reply) => `sends ${reply}`),
    ...told,
    ...members,
    ...spread.map((claim) => `passes on ${claim}`),
  ]
  return parts.length === 0 ? 'drop' : parts.join('; ')
}
