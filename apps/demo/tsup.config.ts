import { defineConfig } from 'tsup'
import { program } from '../../tsup.shared.ts'

export default defineConfig(program({ demo: 'src/demo.ts', member: 'src/member.ts' }))
