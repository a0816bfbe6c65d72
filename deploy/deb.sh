#!/bin/sh
# Packs a release binary as a Debian package: the program, its manual and completions, the units, licences.
#
#     cargo build --release --locked && deploy/deb.sh target/release/zhaoren out/
#
# Needs dpkg-deb and strip. The package depends on the C library that the binary was built with: build on the oldest system that
# is to run it (a container of CentOS 7 or Debian 10), or for the target x86_64-unknown-linux-musl.
set -eu
binary=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
version=$("$binary" --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

install -D -m 755 "$binary" "$root/usr/bin/zhaoren"
strip --strip-all "$root/usr/bin/zhaoren"
"$binary" man "$root/usr/share/man/man1" > /dev/null
gzip -9n "$root"/usr/share/man/man1/*.1
install -d "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" \
    "$root/usr/share/fish/vendor_completions.d" "$root/DEBIAN"
"$binary" completions bash > "$root/usr/share/bash-completion/completions/zhaoren"
"$binary" completions zsh > "$root/usr/share/zsh/vendor-completions/_zhaoren"
"$binary" completions fish > "$root/usr/share/fish/vendor_completions.d/zhaoren.fish"
for unit in "$here"/systemd/*.service "$here"/systemd/*.timer; do
    install -D -m 644 "$unit" "$root/lib/systemd/system/$(basename "$unit")"
done
install -D -m 644 "$here/systemd/zhaoren.toml" "$root/etc/zhaoren/zhaoren.toml"
install -D -m 644 "$here/../LICENSE-MIT" "$root/usr/share/doc/zhaoren/copyright"
install -m 644 "$here/../LICENSE-APACHE" "$root/usr/share/doc/zhaoren/LICENSE-APACHE"
# Readable by everyone whatever the umask is: the program restricts it for what it writes.
chmod -R u=rwX,go=rX "$root"

# The highest version of the C library that a symbol of the binary asks for.
libc=$(objdump -T "$root/usr/bin/zhaoren" 2> /dev/null | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1 | cut -d_ -f2)
size=$(du -sk "$root" | cut -f1)
cat > "$root/DEBIAN/control" << CONTROL
Package: zhaoren
Version: $version
Architecture: $architecture
Maintainer: the zhaoren contributors <zhaoren@example.invalid>
Installed-Size: $size
${libc:+Depends: libc6 (>= $libc)
}Section: misc
Priority: optional
Description: finds for every enterprise the public support it can get
 One program: command line, HTTP API and console. Data is in /var/lib/zhaoren, settings are in /etc/zhaoren.
CONTROL
echo /etc/zhaoren/zhaoren.toml > "$root/DEBIAN/conffiles"
cat > "$root/DEBIAN/postinst" << 'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    echo "zhaoren: systemctl enable --now zhaoren 启动服务；zhaoren demo 看示范"
fi
SCRIPT
chmod 755 "$root/DEBIAN/postinst"

mkdir -p "$out"
package="$out/zhaoren_${version}_${architecture}.deb"
dpkg-deb --root-owner-group ${DEB_COMPRESSION:+-Z"$DEB_COMPRESSION"} --build "$root" "$package" > /dev/null
echo "$package"
