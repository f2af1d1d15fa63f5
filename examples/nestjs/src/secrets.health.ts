import { Injectable } from '@nestjs/common'
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus'
import { isSecretCacheError, SecretCache } from 'awscurrent'

@Injectable()
export class SecretsHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly secrets: SecretCache,
  ) {}

  /** Up while the secret can be served, in an outage from memory. Otherwise the error's code says why; no value is shown. */
  async check(secretId: string): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(secretId)
    try {
      await this.secrets.getSecret(secretId)
      return indicator.up()
    } catch (error) {
      if (!isSecretCacheError(error)) throw error
      return indicator.down({ code: error.code })
    }
  }
}
