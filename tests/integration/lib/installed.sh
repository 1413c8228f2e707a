# shellcheck shell=sh
# installed: Clef installed in a folder of its own, of which scripts build projects. Sourced from the top folder; needs `try` of
# the script. Sets installed, the folder; tree, what was built; prefix, what was installed; and install_clef.
#
# All scripts share it, and it is built but once: the release kind, whose objects have machine code beside that for link-time
# optimisation, which only the links that are about it do; libclef-dev.a is the library that the tests are of, if that was built.
installed=$PWD/build/installed
tree=$installed/build
# shellcheck disable=SC2034 # the scripts use it
prefix=$installed/prefix

install_clef() {
    mkdir -p "$installed"
    if [ ! -f "$tree/build.ninja" ]; then
        dev=$(realpath "${BUILD:-build/dev}")/libclef.a
        [ -f "$dev" ] || dev=
        try "meson setup" meson setup "$tree" --native-file tools/kinds/release.ini --native-file tests/integration/lib/installed.ini \
            --prefix "$prefix" --libdir lib -Ddev_archive="$dev"
    fi
    try "build" ninja -C "$tree" -j "${CLEF_JOBS:-$(nproc)}"
    try "install" meson install -C "$tree" --no-rebuild
}
