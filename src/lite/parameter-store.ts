import type { LiteService } from './target.js'

export const parameterStore: LiteService = {
  name: 'ssm',
  api: 'AmazonSSM',
  variable: 'AWS_ENDPOINT_URL_SSM',
  host(region, { domain, dualStackDomain, fips, dualStack }) {
    // In GovCloud, the endpoint itself fulfils FIPS.
    const isFips = fips && !(region.startsWith('us-gov-') && !dualStack)
    return `ssm${isFips ? '-fips' : ''}.${region}.${dualStack ? dualStackDomain : domain}`
  },
}
