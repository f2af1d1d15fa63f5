import { Injectable } from '@nestjs/common'
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus'
import { SecretCache } from 'awscurrent'
import { createHealth, type Health } from 'awscurrent/health'

@Injectable()
export class SecretsHealth {
  private readonly health: Health

  constructor(
    private readonly indicators: HealthIndicatorService,
    secrets: SecretCache,
  ) {
    this.health = createHealth({ caches: { main: secrets }, required: ['prod/db', 'prod/api-key'] })
  }

  /** Up while the secrets can be served, in an outage from memory. The reason says what is wrong; no value is shown. */
  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('secrets')
    const { verdict, reason } = await this.health.check()
    return verdict === 'failing' ? indicator.down({ reason }) : indicator.up({ verdict, reason })
  }
}
