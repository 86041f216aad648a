FROM debian:bookworm-slim@sha256:2be8daddbb82756f7d1f2c7ece706aadcb284bf6ab6d769ea695cc3ed6016743
RUN <<EOT bash
set -eux
apt-get update
apt-get install -y --no-install-recommends ca-certificates curl
rm -rf /var/lib/apt/lists/*
EOT
COPY <<-"CONF" <<SCRIPT /etc/app/
	[server]
	listen = "0.0.0.0:80"
	# FROM in a heredoc is text
	FROM nothing:1
	CONF
#!/bin/sh
exec app "$@"
SCRIPT
CMD ["/etc/app/SCRIPT"]
