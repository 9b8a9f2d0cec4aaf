package main

import "C" // early.c
