/** What a TLS handshake needs, read from files once by the coordinator and handed to every shard. */
export interface TlsMaterial {
  /** PEM texts; null: the system's roots, no client certificate. */
  ca: string | null;
  cert: string | null;
  key: string | null;
  /** Name for SNI and for the certificate check. */
  servername: string;
  alpn: string[];
  insecure: boolean;
}
