import { existsSync, readFileSync } from 'node:fs'

const folder = '../shared/samples'

/** Whether real events and real signed messages lie beside this checkout. They are not ours to keep in it. */
export const hasSamples: boolean = existsSync(folder)

export function readSample(name: string): string {
  return readFileSync(`${folder}/${name}`, 'utf8')
}
