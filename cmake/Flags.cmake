# One interface target every target of ours links: warnings as errors, hardening, sanitizers.
set(TELLTALE_SANITIZE "" CACHE STRING "address,undefined or thread")

add_library(telltale_flags INTERFACE)
target_compile_options(telltale_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough -Wformat=2 -Wextra-semi -Wunused -Werror
  -Wno-missing-field-initializers # designated initialisers leave the rest to the defaults on purpose
  -fno-strict-overflow -fno-delete-null-pointer-checks)

target_compile_definitions(telltale_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_DATE_TIME SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)

if(TELLTALE_FUZZ) # coverage for libFuzzer in everything that is ours
  target_compile_options(telltale_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(TELLTALE_SANITIZE)
  target_compile_options(telltale_flags INTERFACE
    -fsanitize=${TELLTALE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(telltale_flags INTERFACE -fsanitize=${TELLTALE_SANITIZE})
else()
  target_compile_definitions(telltale_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(telltale_flags INTERFACE
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3> -fstack-protector-strong
    -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero
    $<$<CONFIG:Release>:-fzero-call-used-regs=used-gpr>)
  target_link_options(telltale_flags INTERFACE
    -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,--as-needed)
endif()
