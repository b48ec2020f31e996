# Language level, warnings, sanitizers and hardening. Applied per target by l2tp_library() and
# friends through the interface target l2tp_options, so that generated code and packages are free
# of our warning flags.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_CLANG_TIDY)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  # What ccache asks for to cache what is compiled with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

# Everywhere, as some packages ask for it: precompiled headers fit only where it is the same.
add_compile_options(-pthread)

add_library(l2tp_options INTERFACE)
target_compile_options(l2tp_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wimplicit-fallthrough -Wformat=2 -Wvla
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers>)
if(L2TP_WERROR)
  target_compile_options(l2tp_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(l2tp_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wthread-safety -Wno-gnu-zero-variadic-macro-arguments>)
endif()

if(L2TP_SANITIZE)
  add_compile_options(-fsanitize=${L2TP_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${L2TP_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
                      -fstack-clash-protection)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(L2TP_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(L2TP_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
