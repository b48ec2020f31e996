// What most files of l2tpctl include.
#include <CLI/CLI.hpp>

#include "api.h"
