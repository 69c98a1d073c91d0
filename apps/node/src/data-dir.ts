/** Files that outlive a restart. */
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a directory and those above it. Node's own way of doing that never ends where the system lets nobody make one. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await mkdir(path)
  }
}

/**
 * Puts a file in the place of its former self in one step: a crash at any moment leaves the old one or the new one, whole. Rejects with
 * the file system's own error; then the old one is still there.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w')
  try {
    await file.writeFile(content)
    // Else the name could survive a power failure, and what it names not.
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
