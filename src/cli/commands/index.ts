import type { Command } from '../command.js'
import { command as get } from './get.js'

/** In the order of `--help`. */
export const commands: readonly Command[] = [get]
