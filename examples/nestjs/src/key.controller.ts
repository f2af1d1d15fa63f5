import { Controller, Get } from '@nestjs/common'
import { SecretCache } from 'awscurrent'

@Controller('key')
export class KeyController {
  constructor(private readonly secrets: SecretCache) {}

  @Get()
  async describe(): Promise<{ versionId: string; length: number }> {
    const key = await this.secrets.getSecret('prod/api-key')
    return { versionId: key.versionId, length: key.text().length }
  }
}
