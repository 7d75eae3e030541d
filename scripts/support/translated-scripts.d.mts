import type { Plugin } from 'vite';

export function writeTranslatedScripts(): Promise<void>;
export function translatedScriptsOfSources(): Plugin;
