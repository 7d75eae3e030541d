export function translateLua(source: string): string;
