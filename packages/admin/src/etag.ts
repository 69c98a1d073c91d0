/** Entity tags of values: versions of the store, which compare only within one run of a node. */

/** `"bootId-version"`. */
export const etagOf = (bootId: string, version: number): string => `"${bootId}-${version}"`

/** Whether a list of tags, as in If-Match or If-None-Match, names `etag`. `*` names anything that exists. */
export function namesEtag(header: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  if (header.trim() === '*') return true
  const tags: readonly string[] = header.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.includes(etag)
}
