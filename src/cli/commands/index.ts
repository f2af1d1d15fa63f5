import type { Command } from '../command.js'
import { command as dev } from './dev.js'
import { command as doctor } from './doctor.js'
import { command as exec } from './exec.js'
import { command as get } from './get.js'

/** In the order of `--help`. */
export const commands: readonly Command[] = [dev, doctor, exec, get]
