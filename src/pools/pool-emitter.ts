import { Emitter } from '../core/events/emitter.js'
import { type PoolEvent, poolEventTypes } from './pool-events.js'

/** Sends the events of a pool to the listeners of the pool itself and to the diagnostics channels. */
export function poolEmitter(pool: { emit(type: string, event: unknown): unknown }): Emitter<PoolEvent> {
  const emitter = new Emitter<PoolEvent>(poolEventTypes)
  for (const type of poolEventTypes) emitter.on(type, event => pool.emit(type, event))
  return emitter
}
