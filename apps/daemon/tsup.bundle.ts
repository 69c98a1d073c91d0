import { defineConfig } from 'tsup'
import { program } from '../../tsup.shared.ts'

export default defineConfig(program({ hearsayd: 'src/hearsayd.ts', hearsay: 'src/hearsay.ts' }))
