# Every package this project builds against, as an imported target. Nothing is downloaded.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(nl REQUIRED IMPORTED_TARGET libnl-3.0 libnl-genl-3.0)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)

# Standalone Asio is header-only and has no CMake package in Debian.
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(l2tp_asio INTERFACE)
target_include_directories(l2tp_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
# Asio chooses its allocator by what was included before it; without the last definition translation
# units disagree, and what one allocates another frees differently.
target_compile_definitions(l2tp_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED
                           ASIO_DISABLE_STD_ALIGNED_ALLOC)
target_link_libraries(l2tp_asio INTERFACE Threads::Threads)
if(L2TP_SANITIZE STREQUAL "thread")
  # ThreadSanitizer does not support the fences that Asio uses around handlers.
  target_compile_definitions(l2tp_asio INTERFACE ASIO_DISABLE_FENCED_BLOCK)
endif()

if(L2TP_WITH_API)
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
  find_package(prometheus-cpp CONFIG REQUIRED)
endif()
if(L2TP_WITH_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
endif()
