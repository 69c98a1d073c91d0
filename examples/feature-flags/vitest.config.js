import { defineProject } from 'vitest/config'
import { shared } from '../../vitest.shared.ts'

export default defineProject({ ...shared, test: { name: 'feature-flags', testTimeout: 60_000, hookTimeout: 60_000 } })
