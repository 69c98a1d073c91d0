import { defineConfig } from 'vitest/config'
import { shared } from '../vitest.shared.ts'

// Real processes on loopback: one file after the other, with room for failure detection to run its course.
export default defineConfig({
  ...shared,
  test: {
    name: 'interop',
    include: ['test/**/*.interop.test.ts'],
    fileParallelism: false,
    // Compiling dskit for the first time takes minutes: no test is to wait for that.
    globalSetup: ['src/build-peers.ts'],
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
})
