# Debian packages of what has been built: cpack -G DEB, in the build folder.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME l2tp-controller)
set(CPACK_PACKAGE_CONTACT "the authors of l2tp-controller <root@localhost>")
set(CPACK_PACKAGE_VENDOR l2tp-controller)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL daemon cli python)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME l2tp-controller)
set(CPACK_DEBIAN_DAEMON_DESCRIPTION "PPP-over-L2TP controller driven over gRPC
 Sets up and supervises L2TP tunnels and PPP sessions, as LAC and as LNS, with the
 kernel's data path and a pppd for each session.")
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS ppp)
set(CPACK_DEBIAN_DAEMON_PACKAGE_RECOMMENDS l2tpctl)
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)

set(CPACK_DEBIAN_CLI_PACKAGE_NAME l2tpctl)
set(CPACK_DEBIAN_CLI_DESCRIPTION "command line of l2tp-controller
 Opens, watches and explains the tunnels and sessions of an l2tp-controller.")

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-l2tp-client)
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= 3.9), python3-grpcio, python3-protobuf")
set(CPACK_DEBIAN_PYTHON_DESCRIPTION "Python client of l2tp-controller
 Typed client for l2tp-controller's API, synchronous and for asyncio.")
include(CPack)
