# clang-19 only: g++ 12 miscompiles coroutines (see docs/development.md). ccache and mold where they are.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Telltale is built with clang 19 or newer (./dev build installs it); this is "
                      "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
endif()

find_program(TELLTALE_CCACHE ccache)
if(TELLTALE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime
      # Every clone and worktree shares what one of them has compiled: paths count from the build folder.
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TELLTALE_CCACHE})
endif()

find_program(TELLTALE_MOLD mold)
if(TELLTALE_MOLD)
  add_link_options(-fuse-ld=mold)
else()
  add_link_options(-fuse-ld=lld)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
add_compile_options(-fdebug-compilation-dir=.) # the same binary from any folder
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
if(TELLTALE_SANITIZE) # compiling is most of its run: half as long without optimisation
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
else()
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")
endif()
