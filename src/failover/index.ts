export { type FailoverSourceOptions, failoverSource } from './failover-source.js'
export type { RegionOrigin } from './region.js'
