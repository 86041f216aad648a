FROM ubuntu:14.04
MAINTAINER Someone <someone@example.com>

# Install what the build needs
RUN apt-get update && apt-get install -y \
	build-essential \
	# a comment in the middle
	git \

	python-dev
ENV HOME /root
ENV PATH /usr/local/bin:$PATH
ADD . /src
ADD https://example.com/archive.tar.gz /tmp/
RUN cd /src && ./configure && make && make install
ONBUILD COPY . /app
ONBUILD RUN make -C /app
VOLUME ["/data"]
EXPOSE 80 443
CMD /usr/local/bin/app
