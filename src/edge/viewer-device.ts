/**
 * What kind of device a viewer is, as far as its User-Agent tells (edge contract 4.6, rule 27). No list
 * of devices stands behind it: marks that browsers agree on decide, so what says nothing of itself, a
 * program or a robot too, counts as a desktop.
 */

export type Devices = {
  readonly android: boolean;
  readonly desktop: boolean;
  readonly ios: boolean;
  readonly mobile: boolean;
  readonly smarttv: boolean;
  readonly tablet: boolean;
};

const television =
  /smart-?tv|google ?tv|apple ?tv|android tv|hbbtv|netcast|web0s|tizen.*\btv\b|bravia|viera|roku|crkey|\baft[a-z]+\b/i;
const appleMobile = /\b(?:iphone|ipad|ipod)\b/i;
const androids = /\bandroid\b/i;
const tablets = /\bipad\b|\btablet\b|\bkindle\b|\bplaybook\b|\bsilk\b(?!.*\bmobile\b)/i;
/** Browsers on phones say one of these; those of Android on tablets leave `Mobile` out. */
const phones =
  /\bmobi(?:le)?\b|\biphone\b|\bipod\b|\bopera mini\b|\bwindows phone\b|\bblackberry\b/i;

/** `userAgent` is empty where the viewer sends none. */
export function devicesOf(userAgent: string): Devices {
  const smarttv = television.test(userAgent);
  const android = androids.test(userAgent);
  const isPhone = phones.test(userAgent);
  const tablet = !smarttv && (tablets.test(userAgent) || (android && !isPhone));
  const mobile = !smarttv && !tablet && isPhone;
  return {
    android,
    desktop: !smarttv && !tablet && !mobile,
    ios: appleMobile.test(userAgent),
    mobile,
    smarttv,
    tablet,
  };
}
