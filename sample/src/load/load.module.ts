import { Module } from '@nestjs/common';
import { LoadController } from './load.controller.js';
import { Loads } from './loads.js';

@Module({ controllers: [LoadController], providers: [Loads] })
export class LoadModule {}
