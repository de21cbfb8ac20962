/**
 * What is detected on an open port beyond that it is open. Each includes the one before.
 *
 *   none      nothing: the name is the registry's
 *   services  what it is: its greeting, its answer to a question, and its certificate where it speaks TLS at once
 *   tls       also the certificate behind STARTTLS, where a service begins in plain text
 */
export const DETECTIONS = ['none', 'services', 'tls'] as const;

export type Detection = (typeof DETECTIONS)[number];
