import { Controller, Get } from '@nestjs/common'
import { InjectedSecret, InjectSecret } from 'awscurrent/nest'

@Controller('key')
export class KeyController {
  constructor(@InjectSecret('prod/api-key') private readonly apiKey: InjectedSecret) {}

  @Get()
  async describe(): Promise<{ versionId: string; length: number }> {
    const key = await this.apiKey.get()
    return { versionId: key.versionId, length: key.text().length }
  }
}
