import { defineConfig } from 'vitest/config'
import { shared } from '../../vitest.shared.ts'

// Real processes under real faults: a command of its own, since it needs root and has the machine to itself.
export default defineConfig({
  ...shared,
  test: {
    name: 'chaos',
    include: ['*.test.ts'],
    fileParallelism: false,
    globalSetup: ['../src/chaos/prepare.ts'],
    // Courses run beside each other: a test waits until its scenario had its turn.
    testTimeout: 900_000,
    hookTimeout: 120_000,
    // Each scenario writes a line of JSON: it is to be found at the beginning of a line.
    disableConsoleIntercept: true,
  },
})
