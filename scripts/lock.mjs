// One command at a time may install or build; the others wait for it and then find everything fresh.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const lock = join(root, '.hearsay', 'lock')

/** A line of progress, on stderr. */
export function say(message) {
  process.stderr.write(`hearsay: ${message}\n`)
}

/** Runs `work` while no other command of this checkout does. A lock whose owner is gone is taken over. */
export async function withLock(work) {
  mkdirSync(dirname(lock), { recursive: true })
  for (let waited = 0; !tryLock(); waited++) {
    if (waited === 10) say('another command is installing or building; waiting for it …')
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function tryLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!ownerIsAlive()) rmSync(lock, { force: true })
    return false
  }
}

function ownerIsAlive() {
  try {
    const pid = Number(readFileSync(lock, 'utf8'))
    // A lock without a number is being written this very moment.
    if (!pid) return true
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
