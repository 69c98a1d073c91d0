/** A process that is asked by lines on its input, and answers each with one line. */
import { createInterface } from 'node:readline'

/** Answers lines whose first word is a name in `questions`, one at a time; ends with the input. */
export function answerLines(
  questions: Readonly<Record<string, (words: readonly string[]) => string | Promise<string>>>,
): void {
  let before = Promise.resolve()
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const [what = '', ...words] = line.split(' ')
    before = before.then(async () => console.log(await questions[what]!(words)))
  })
  lines.on('close', () => process.exit())
}
