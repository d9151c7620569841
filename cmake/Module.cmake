# module(NAME DEPS lower modules… LIBS third-party… FOLDERS parts of the module in folders of their own… SIMULATES)
# SIMULATES: its tests compute for minutes without optimisation; they have some under every sanitizer.
#
# One folder of src/, one static library, one namespace. Its include root is a view folder that holds only a
# symlink to itself, so `#include "fleet/registry.hpp"` works only for those who list `fleet` in DEPS: an upward or
# sideways include is "file not found". Unit tests (*_test.cpp) beside the code become one test program per module,
# benchmarks (*_benchmark.cpp) one <module>_benchmark.
function(module name)
  cmake_parse_arguments(arg "SIMULATES" "" "DEPS;LIBS;FOLDERS;TEST_DEPS;TEST_LIBS" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  set(view ${CMAKE_BINARY_DIR}/view/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${dir} ${view}/${name} SYMBOLIC)

  set(dirs ${dir})
  foreach(folder IN LISTS arg_FOLDERS)
    list(APPEND dirs ${dir}/${folder})
  endforeach()
  list(TRANSFORM dirs APPEND /*.cpp OUTPUT_VARIABLE source_patterns)
  list(TRANSFORM dirs APPEND /*.hpp OUTPUT_VARIABLE header_patterns)
  file(GLOB sources CONFIGURE_DEPENDS ${source_patterns})
  file(GLOB headers CONFIGURE_DEPENDS ${header_patterns})
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(benchmarks ${sources})
  list(FILTER benchmarks INCLUDE REGEX "_benchmark\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_benchmark|main)\\.cpp$")

  if(NOT sources) # headers only so far
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${view})
    target_link_libraries(${name} INTERFACE ${arg_DEPS} ${arg_LIBS})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_sources(${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR} FILES ${headers})
  # The file set would publish src/ itself as an include root and so defeat the floors: only the view is public.
  set_target_properties(${name} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "" LINKER_LANGUAGE CXX)
  target_include_directories(${name} PUBLIC ${view})
  target_link_libraries(${name} PUBLIC ${arg_DEPS} ${arg_LIBS} PRIVATE telltale_flags)
  target_compile_definitions(${name} PUBLIC $<TARGET_PROPERTY:telltale_flags,INTERFACE_COMPILE_DEFINITIONS>)

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${arg_TEST_DEPS} ${arg_TEST_LIBS} telltale_flags
                          GTest::gmock GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 240 LABELS unit)
  endif()
  if(TELLTALE_GROUPED)
    grouped(${name})
    if(tests)
      grouped(${name}_test)
    endif()
  endif()
  if(arg_SIMULATES AND TELLTALE_SANITIZE)
    target_compile_options(${name} PRIVATE -O1)
    if(tests)
      target_compile_options(${name}_test PRIVATE -O1)
    endif()
  endif()
  if(benchmarks AND NOT TELLTALE_SANITIZE)
    add_executable(${name}_benchmark ${benchmarks})
    set_property(GLOBAL APPEND PROPERTY TELLTALE_BENCHMARKS ${name}_benchmark)
    target_link_libraries(${name}_benchmark PRIVATE ${name} ${arg_TEST_DEPS} ${arg_TEST_LIBS} telltale_flags
                          benchmark::benchmark_main)
  endif()
endfunction()
