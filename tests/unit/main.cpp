// Catch2 3 brings its own main.
#ifdef TOKENCAST_CATCH2_V2
#define CATCH_CONFIG_MAIN
#endif
#include "catch.h"
