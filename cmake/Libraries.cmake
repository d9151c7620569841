# Every third-party library the product uses, found once. A new one needs a reason in docs/decisions/.
set(Boost_USE_STATIC_LIBS OFF)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
# Socket activation, readiness, the watchdog.
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
# Filters of system calls for sandboxed children (docs/sandbox.md).
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
# Tests and benchmarks only: the oracles of our SRTP and our SCTP.
pkg_check_modules(srtp2 REQUIRED IMPORTED_TARGET libsrtp2)
pkg_check_modules(usrsctp REQUIRED IMPORTED_TARGET usrsctp)
# Containers and codecs of media: headers only, the libraries are loaded when something plays (media/ffmpeg_functions.hpp).
pkg_check_modules(ffmpeg REQUIRED libavformat>=59 libavcodec>=59 libavutil>=57 libswscale>=6 libswresample>=4)
add_library(ffmpeg_headers INTERFACE)
target_include_directories(ffmpeg_headers SYSTEM INTERFACE ${ffmpeg_INCLUDE_DIRS})
# Mail: headers only, loaded with the first letter (mail/curl_functions.hpp).
pkg_check_modules(curl REQUIRED libcurl>=7.85)
add_library(curl_headers INTERFACE)
target_include_directories(curl_headers SYSTEM INTERFACE ${curl_INCLUDE_DIRS})
# PDF: headers only, loaded with the first one (report/pdf/libraries.hpp).
pkg_check_modules(pango REQUIRED pangocairo>=1.50 cairo>=1.16)
add_library(pango_headers INTERFACE)
target_include_directories(pango_headers SYSTEM INTERFACE ${pango_INCLUDE_DIRS})
