/** What a hunt for a mutant is asked, and what it answers. A hunt is a program of its own, built with the change put in. */

/** What is asked. */
export interface HuntRequest {
  readonly from: number
  readonly seeds: number
  readonly maxNodes: number
}

/** What is answered: after how many seeds it was caught, and by what. */
export interface HuntResult {
  readonly seeds: number
  readonly caught: { readonly seed: number; readonly checker: string; readonly what: string } | undefined
}

/** Answers the one request that comes, and ends. */
export function answerHunts(hunt: (request: HuntRequest) => HuntResult | Promise<HuntResult>): void {
  process.on('message', async (request: HuntRequest) => {
    process.send!(await hunt(request), undefined, undefined, () => process.disconnect())
  })
}
