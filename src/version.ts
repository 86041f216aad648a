declare const PINWHEEL_VERSION: string | undefined;

/** The version of package.json, put in by the build. */
export const version = typeof PINWHEEL_VERSION === 'string' ? PINWHEEL_VERSION : '0.0.0-source';
