export type { AgentOptions } from './agent-calls.js'
export { type AgentSourceOptions, agentSource } from './agent-source.js'
export { agentSsmSource } from './agent-ssm-source.js'
