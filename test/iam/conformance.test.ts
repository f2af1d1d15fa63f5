import { describe, it } from 'vitest'
import { credentialsFrom, dsql, elastiCacheIam, type LoginSource, memoryDbIam, rdsIam } from '../../src/iam/index.js'
import { describeLoginSource, FakeLoginIssuer, type LoginSourceEnvironment, ManualClock } from '../../src/testing/index.js'

const lifeMs = 900_000

describeLoginSource(
  { describe, it },
  {
    title: 'credentialsFrom',
    open() {
      const clock = new ManualClock()
      const issuer = new FakeLoginIssuer({ clock, lifeMs })
      return {
        source: credentialsFrom({ clock, get: options => issuer.issue(options) }),
        issued: () => issuer.issued,
        end: () => clock.advance(lifeMs),
        fail: () => issuer.fail(),
        recover: () => {
          issuer.recover()
          return clock.advance(3_000)
        },
      }
    },
  },
)

/** A source whose tokens are signed by credentials that the test provides. */
function signing(
  make: (shared: { credentials: () => Promise<never>; clock: ManualClock }) => LoginSource,
): LoginSourceEnvironment {
  const clock = new ManualClock()
  let fails = false
  let signed = 0
  const credentials = async (): Promise<never> => {
    if (fails) throw Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' })
    signed += 1
    return { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: `secret ${signed}` } as never
  }
  return {
    source: make({ credentials, clock }),
    issued: () => signed,
    end: () => clock.advance(lifeMs),
    fail: () => {
      fails = true
    },
    recover: () => {
      fails = false
      return clock.advance(3_000)
    },
  }
}

const region = 'eu-west-1'
const sources: Record<string, (shared: { credentials: () => Promise<never>; clock: ManualClock }) => LoginSource> = {
  rdsIam: shared => rdsIam({ ...shared, region, host: 'db.example.com', port: 5432, user: 'app' }),
  dsql: shared => dsql({ ...shared, region, host: 'cluster.example.com' }),
  elastiCacheIam: shared => elastiCacheIam({ ...shared, region, cacheName: 'sessions', user: 'app' }),
  memoryDbIam: shared => memoryDbIam({ ...shared, region, clusterName: 'sessions', user: 'app' }),
}

for (const [title, make] of Object.entries(sources)) describeLoginSource({ describe, it }, { title, open: () => signing(make) })
