export type { LiteSourceOptions } from './lite-options.js'
export { liteSource } from './lite-source.js'
export { liteSsmSource } from './lite-ssm-source.js'
