import type { LiteService } from './target.js'

export const secretsManager: LiteService = {
  name: 'secretsmanager',
  api: 'secretsmanager',
  variable: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  host(region, { prefix, domain, dualStackDomain, fips, dualStack }) {
    // In two partitions, the endpoint itself has both stacks.
    const isBoth = prefix === '' || (prefix === 'cn-' && !fips)
    return `secretsmanager${fips ? '-fips' : ''}.${region}.${dualStack && !isBoth ? dualStackDomain : domain}`
  },
}
