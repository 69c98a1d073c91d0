import { defineProject } from 'vitest/config'
import { patient, shared } from '../../vitest.shared.ts'

export default defineProject({ ...shared, test: { ...patient, name: 'simulator' } })
